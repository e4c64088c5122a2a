"""nbval のカーネルにも、授業が import するモジュールを見せる。"""

import os
from pathlib import Path

os.environ["PYTHONPATH"] = str(Path(__file__).parent / "lessons")
