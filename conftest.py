"""nbval のカーネルも、本を作る時と同じにする（授業が import するモジュール、図の形式）。"""

import os
from pathlib import Path

os.environ["PYTHONPATH"] = str(Path(__file__).parent / "lessons")
os.environ["BOOK_FIGURES"] = "svg"
