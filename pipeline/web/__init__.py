"""What ``weike serve`` shows in a browser: a recording goes in, a lecture and its report come out."""
