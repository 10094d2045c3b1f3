"""The rules as small tables in and out: run on the product and on the referee, printed as docs."""
