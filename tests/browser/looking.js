// What a test asks of an open page; each answer is a list of what is wrong with it.
(() => {
  const main = () => document.querySelector("[data-testid=stMain]");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const said = (element) => (element.getAttribute("alt") || element.getAttribute("aria-label") || "").trim();
  const brief = (element) => element.outerHTML.slice(0, 160);
  const ICONS = "[data-testid=stIconMaterial], [data-testid=stSkipToContent], script, style";
  const SET_APART = "code, pre";

  const ownText = (element) =>
    [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join(" ").trim();
  const shown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    getComputedStyle(element).fontSize !== "0px";

  window.looking = {
    errors: () => all("[data-testid=stException]").map(brief),
    titles: () => (all("h1").length === 1 ? [] : all("h1").map(brief)),
    unnamedPictures: () => [
      ...all("img, [role=img], [role=graphics-document]").filter((one) => !said(one)),
      ...all("canvas, svg.marks", main()).filter((one) => !one.closest("[aria-label]")),
    ].map(brief),
    namelessTables: () => all("table", main()).filter((one) => !one.caption?.textContent.trim()).map(brief),
    tables: () => all("table", main()).length,
    downloads: () => all("[data-testid=stDownloadButton] button").length,
    texts: () =>
      all("body *")
        .filter((one) => !one.closest(ICONS) && !one.closest(SET_APART) && shown(one))
        .map(ownText)
        .filter(Boolean),
    labels: () =>
      all("h1, h2, h3, label, thead th, button, summary, legend")
        .filter((one) => shown(one) && !one.closest(".st-key-language"))
        .map((one) => one.innerText.trim()),
    widths: () => [document.documentElement.scrollWidth, main().scrollWidth],
    // A cut text is one that ends beyond the right edge outside a table that can be scrolled.
    cut: () =>
      all("*", main())
        .filter((one) => ownText(one) && shown(one) && !one.closest(".hs-scroll, caption, [data-testid=stPagination]"))
        .filter((one) => one.getBoundingClientRect().width > 1)
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => `${ownText(one)} (${Math.round(one.getBoundingClientRect().right)})`),
  };
})();
