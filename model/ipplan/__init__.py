"""An agent-based model of what intellectual-property plans do."""
__version__ = "0.1.0"
