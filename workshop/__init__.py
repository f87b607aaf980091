"""
The Python behind `./demo` and `./test`.

What runs before an environment exists (`processes`, `environment`, `machine`, `demo`, `check`) uses the standard
library only.
"""
