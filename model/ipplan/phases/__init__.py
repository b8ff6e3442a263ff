"""What happens in a month, one file a step, in the order of ``ipplan.system.PHASES``."""
