"""The core rules of ipplan as somebody who knows mesa would write them: everybody and everything filed is an agent.

mesa calls the ``step`` of each agent every month: in random order where agents compete (applicants, examiners), else
in its own. What is the same for all is worked out once, or once a month, by the functions that ipplan has for it; so
are rules of a few numbers, as plain Python. Draws come from ``self.random``, monthly counts go to a DataCollector.
"""

from mesa_model.model import Peer

__all__ = ["Peer"]
