"""`intake reconcile`: finds the uploads that no webhook brought. `compare` judges each file, `run` does a sweep."""
