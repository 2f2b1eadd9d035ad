"""`python -m tocsin`: the command line, where the script `tocsin` is not on the path."""

from tocsin.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
