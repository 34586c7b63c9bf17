"""The file operations of all users, with the portal's odd way of handing them out.

A finished operation is removed by the first read of its owner, whoever of them it was meant for, and is in that
read's answer only if it was held. The next read has nothing to say about it.
"""

from simulator.model import Operation, OperationType


class Operations:
    def __init__(self) -> None:
        self._by_id: dict[str, Operation] = {}

    def add(self, operation: Operation) -> None:
        self._by_id[operation.id] = operation

    def read(
        self, user_id: str, operation_id: str | None = None, kind: OperationType | None = None
    ) -> list[Operation]:
        found: list[Operation] = []
        for operation in list(self._by_id.values()):
            if operation.user_id != user_id or operation.lost:
                continue
            if operation_id is not None and operation.id != operation_id:
                continue
            if kind is not None and operation.type != kind:
                continue
            if operation.finished:
                del self._by_id[operation.id]
                if not operation.hold:
                    continue
            found.append(operation)
        return found

    def forget(self, operation_id: str) -> None:
        self._by_id.pop(operation_id, None)

    def all(self) -> list[Operation]:
        """For the state page; removes nothing."""
        return list(self._by_id.values())


def progress(operation: Operation, now: float) -> int:
    """Per cent of its time that has passed; 100 only for an ended one."""
    if operation.finished:
        return 100
    passed = (now - operation.started) / operation.duration_s if operation.duration_s > 0 else 0.99
    return max(0, min(99, int(passed * 100)))
