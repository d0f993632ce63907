class WaitFor(Exception):
    """Not an error: the object needs another first. `key` is what wakes it, such as "tenant:7"."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key
        self.sentence = sentence
