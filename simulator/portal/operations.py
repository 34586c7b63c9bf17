"""The file operations of all users, with the portal's odd way of handing them out.

A finished operation is removed by the first read of its owner that looks at its queue, whoever it was meant for,
and is in that read's answer only if it was held and is of the kind that was asked for. A record that has not
changed for a minute is swept away, ended or not: that nothing is told does not mean that it ended.
"""

from simulator.portal.model import Operation, OperationType

SWEPT_AFTER_S = 60.0
ONE_QUEUE = {OperationType.MOVE, OperationType.COPY}
"""Copies and moves wait in one: who asks for the copies takes finished moves away, and is told nothing."""


class Operations:
    def __init__(self) -> None:
        self._by_id: dict[str, Operation] = {}

    def add(self, operation: Operation) -> None:
        self._by_id[operation.id] = operation

    def read(
        self, user_id: str, now: float, operation_id: str | None = None, kind: OperationType | None = None
    ) -> list[Operation]:
        """`now` is seconds of the clock that `changed` was taken from."""
        found: list[Operation] = []
        for operation in list(self._by_id.values()):
            if operation.user_id != user_id or operation.lost:
                continue
            if operation_id is not None and operation.id != operation_id:
                continue
            if now - operation.changed > SWEPT_AFTER_S:
                del self._by_id[operation.id]
                continue
            if kind is not None and operation.type != kind and not {kind, operation.type} <= ONE_QUEUE:
                continue
            if operation.finished:
                del self._by_id[operation.id]
                if not operation.hold:
                    continue
            if kind is None or operation.type == kind:
                found.append(operation)
        return found

    def forget(self, operation_id: str) -> None:
        self._by_id.pop(operation_id, None)

    def all(self) -> list[Operation]:
        """For the state page; removes nothing."""
        return list(self._by_id.values())


def progress(operation: Operation) -> int:
    """Per cent of the items that it is through with: 100 may come before it says that it has ended."""
    if operation.finished:
        return 100
    items = len(operation.file_ids) + len(operation.folder_ids)
    return operation.handled * 100 // items if items else 0
