"""One module per group of commands: each function takes the parsed options and answers."""
