"""Where the project's own files are: its policy, its data, its DAGs and the text of its modules."""

from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parents[1]
