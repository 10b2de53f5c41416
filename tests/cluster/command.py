"""The command line without OCR, which takes longer to load than a lecture of a few seconds takes.

``python -m tests.cluster.command batch …``; the processes of a worker import this module too, so it holds for them.
"""

from pipeline.cli import main
from tests.faults.rooms import without_reading

without_reading()

if __name__ == "__main__":
    main()
