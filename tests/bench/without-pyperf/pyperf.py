raise ModuleNotFoundError("No module named 'pyperf'")
