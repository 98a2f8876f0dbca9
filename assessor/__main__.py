"""``python -m assessor`` is ``assess``."""

from assessor.cli.app import main

if __name__ == "__main__":
    main()
