#!/usr/bin/env bash
# One set-up step for every make target: a virtual environment in .venv from hash-pinned wheels.
# usage: setup.sh run|dev [WHEELHOUSE]    With a wheelhouse nothing is fetched from anywhere.
set -euo pipefail
cd "$(dirname "$0")"

kind=${1:-run}
wheelhouse=${2:-}
file=requirements.txt
[ "$kind" = dev ] && file=requirements-dev.txt
began=$(date +%s)

find_python() {
  for name in python3.13 python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  echo "hallscore needs Python 3.11 or newer; found: $(python3 --version 2>&1 || echo none)." >&2
  echo "Install it (Debian 12: apt install python3.11 python3-venv) and run make again." >&2
  exit 1
}

# Scripts in a virtual environment hold its path: a folder that was moved installs anew.
digest="$(sha256sum "$file" | cut -c1-16) $(pwd)"
stamp=.venv/.hallscore-$kind
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$digest" ]; then
  exit 0
fi

# What an interrupted set-up left, another folder's copy, or an older Python does not count.
if ! .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  || ! grep -qF "$(pwd)/.venv" .venv/bin/activate 2>/dev/null; then
  python=$(find_python)
  [ -e .venv ] && echo "setup: .venv is incomplete, moved or too old and is built anew" >&2
  if command -v uv >/dev/null && [ -z "$wheelhouse" ]; then
    rm -rf .venv
    uv venv --quiet --seed --python "$python" .venv
  elif ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "$python has no venv module. On Debian and Ubuntu: apt install python3-venv, then make again." >&2
    exit 1
  else
    rm -rf .venv
    "$python" -m venv .venv
  fi
fi

if [ -n "$wheelhouse" ]; then
  .venv/bin/python -m pip install --quiet --no-index --find-links "$wheelhouse" --require-hashes -r "$file"
elif command -v uv >/dev/null; then
  uv pip install --quiet --python .venv/bin/python --require-hashes -r "$file"
else
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$file"
fi

# The rooms are imported from here: a path file is an editable install without a build step.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
pwd > "$site/hallscore.pth"
# -P: a folder called data where the command is typed is not ours.
cat > .venv/bin/hallscore <<SCRIPT
#!/bin/sh
exec "$(pwd)/.venv/bin/python" -P -m hallscore "\$@"
SCRIPT
chmod +x .venv/bin/hallscore
echo "$digest" > "$stamp"
[ "$kind" = dev ] && echo "$(sha256sum requirements.txt | cut -c1-16) $(pwd)" > .venv/.hallscore-run
echo "install: $(($(date +%s) - began)) s" >&2
