"""The containers `batch-views` and `view-pointers` in Cosmos DB, as the batch layer writes them."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Iterable, Iterator

from azure.core import MatchConditions
from azure.cosmos import ContainerProxy, CosmosClient
from azure.cosmos.exceptions import CosmosResourceNotFoundError

from batch_layer.settings import Settings

Document = dict[str, Any]
_batch_size = 100
_writers = 4


class ViewStore:
    """Rows by generation and one pointer for each job version."""

    def __init__(self, rows: ContainerProxy, pointers: ContainerProxy, job: str, version: str) -> None:
        self._rows = rows
        self._pointers = pointers
        self._job = job
        self._version = version
        self._pointer_id = f"{job}~{version}"

    @staticmethod
    def connect(settings: Settings) -> ViewStore:
        """Connects with the account key on one machine, with the cluster's identity elsewhere."""
        credential = settings.cosmos_key or _identity()
        database = CosmosClient(settings.cosmos_endpoint, credential).get_database_client(settings.cosmos_database)
        return ViewStore(
            database.get_container_client("batch-views"),
            database.get_container_client("view-pointers"),
            settings.job,
            settings.version,
        )

    def read_pointer(self) -> Document | None:
        """Returns the pointer document with its `_etag`; None before the first generation."""
        try:
            return self._pointers.read_item(self._pointer_id, self._pointer_id)
        except CosmosResourceNotFoundError:
            return None

    def switch_pointer(self, pointer: Document, previous: Document | None) -> None:
        """Replaces the pointer if nobody else did since it was read: the one atomic step of a run (law L4)."""
        document = {"id": self._pointer_id, **pointer}
        if previous is None:
            self._pointers.create_item(document)
        else:
            self._pointers.replace_item(
                self._pointer_id, document, etag=previous["_etag"], match_condition=MatchConditions.IfNotModified
            )

    def write_rows(self, rows: Iterable[Document]) -> int:
        """Upserts rows that come grouped by partition key; returns how many."""
        batches = _batches((row["partitionKey"], ("upsert", (row,))) for row in rows)
        return self._execute(batches)

    def remove_generations_except(self, generation: int | None) -> int:
        """Deletes the rows of every other generation of the job version; returns how many."""
        query = (
            "SELECT c.id, c.partitionKey FROM c WHERE c.job = @job AND c.version = @version"
            " AND c.generation != @generation"
        )
        found = self._rows.query_items(
            query,
            parameters=[
                {"name": "@job", "value": self._job},
                {"name": "@version", "value": self._version},
                {"name": "@generation", "value": -1 if generation is None else generation},
            ],
            enable_cross_partition_query=True,
            max_item_count=5_000,
        )
        rows = sorted(((row["partitionKey"], row["id"]) for row in found))
        return self._execute(_batches((key, ("delete", (row_id,))) for key, row_id in rows))

    def _execute(self, batches: Iterator[tuple[str, list[Any]]]) -> int:
        total = 0
        open_writes: set[Future[Any]] = set()
        with ThreadPoolExecutor(_writers) as pool:
            for key, operations in batches:
                total += len(operations)
                open_writes.add(pool.submit(self._rows.execute_item_batch, operations, partition_key=key))
                if len(open_writes) >= _writers * 2:
                    done, open_writes = wait(open_writes, return_when=FIRST_COMPLETED)
                    for write in done:
                        write.result()
            for write in open_writes:
                write.result()
        return total


def _batches(operations: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
    """Groups neighbours of one partition key into transactional batches of at most a hundred."""
    key, batch = "", []
    for next_key, operation in operations:
        if batch and (next_key != key or len(batch) == _batch_size):
            yield key, batch
            batch = []
        key = next_key
        batch.append(operation)
    if batch:
        yield key, batch


def _identity() -> Any:
    try:
        from azure.identity import DefaultAzureCredential
    except ImportError as error:
        raise RuntimeError(
            "COSMOS_KEY is not set and the package azure-identity is not installed on the cluster"
        ) from error
    return DefaultAzureCredential()
