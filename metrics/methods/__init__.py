"""Statistical methods: arrays in, arrays out; nothing here knows a counter, a log or a period."""
