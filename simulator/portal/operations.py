"""The file operations of all users, and the portal's odd way to return them.

The first read by its owner that looks at its queue removes a finished operation, even if that read asked for
something else. The read returns it only if it was held and is of the kind that was asked for. A record that did not
change for a minute is removed too. So if a read returns nothing, the operation may still be running.
"""

from simulator.portal.model import Operation, OperationType

SWEPT_AFTER_S = 60.0
ONE_QUEUE = {OperationType.MOVE, OperationType.COPY}
"""Copies and moves share a queue. So a read of the copies removes finished moves without returning them."""


class Operations:
    def __init__(self) -> None:
        self._by_id: dict[str, Operation] = {}

    def add(self, operation: Operation) -> None:
        self._by_id[operation.id] = operation

    def read(
        self, user_id: str, now: float, operation_id: str | None = None, kind: OperationType | None = None
    ) -> list[Operation]:
        """`now` is in seconds of the same clock as `changed`."""
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
        """All operations, for the page. Removes nothing."""
        return list(self._by_id.values())


def progress(operation: Operation) -> int:
    """The per cent of items that are finished. It may be 100 before the operation says that it ended."""
    if operation.finished:
        return 100
    items = len(operation.file_ids) + len(operation.folder_ids)
    return operation.handled * 100 // items if items else 0
