"""Drives a Cosmos DB server with the official Python client and prints what it saw as one JSON object."""

import json
import sys

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.cosmos import CosmosClient, PartitionKey


def status_of(call):
    try:
        call()
    except HttpResponseError as error:
        return error.status_code
    return None


def main(endpoint, key):
    client = CosmosClient(endpoint, key)
    database = client.create_database_if_not_exists("python")
    container = database.create_container_if_not_exists("items", PartitionKey("/pk"), default_ttl=-1)
    seen = {}
    container.create_item({"id": "1", "pk": "a", "n": 1})
    container.upsert_item({"id": "2", "pk": "b", "n": 2})
    container.upsert_item({"id": "3", "pk": "a", "n": 3})
    seen["conflict"] = status_of(lambda: container.create_item({"id": "1", "pk": "a"}))
    seen["missing"] = status_of(lambda: container.read_item("x", "a"))
    stale = {"etag": '"old"', "match_condition": MatchConditions.IfNotModified}
    seen["stale"] = status_of(lambda: container.replace_item("1", {"id": "1", "pk": "a"}, **stale))
    increment = [{"op": "incr", "path": "/n", "value": 5}]
    seen["patched"] = container.patch_item("1", "a", increment, filter_predicate="from c where c.n = 1")["n"]
    everywhere = {"enable_cross_partition_query": True}
    above = {"parameters": [{"name": "@n", "value": 1}], **everywhere}
    seen["query"] = list(container.query_items("SELECT VALUE c.id FROM c WHERE c.n > @n ORDER BY c.id", **above))
    seen["partition"] = list(container.query_items("SELECT VALUE c.id FROM c", partition_key="a"))
    seen["count"] = list(container.query_items("SELECT VALUE COUNT(1) FROM c", **everywhere))
    seen["groups"] = list(container.query_items("SELECT c.pk, COUNT(1) AS n FROM c GROUP BY c.pk", **everywhere))
    seen["crossPartition"] = status_of(lambda: list(container.query_items("SELECT * FROM c WHERE c.n = 1")))
    pages = container.query_items("SELECT * FROM c ORDER BY c.n", max_item_count=2, **everywhere).by_page()
    seen["pages"] = [len(list(page)) for page in pages]
    operations = [("create", ({"id": "9", "pk": "a"},)), ("read", ("9",)), ("delete", ("9",))]
    seen["batch"] = [result["statusCode"] for result in container.execute_item_batch(operations, partition_key="a")]
    clash = [("create", ({"id": "9", "pk": "a"},)), ("create", ({"id": "1", "pk": "a"},))]
    seen["failedBatch"] = status_of(lambda: container.execute_item_batch(clash, partition_key="a"))
    seen["feed"] = [item["id"] for item in container.query_items_change_feed(start_time="Beginning")]
    position = container.client_connection.last_response_headers["etag"]
    container.upsert_item({"id": "4", "pk": "z"})
    seen["feedAfter"] = [item["id"] for item in container.query_items_change_feed(continuation=position)]
    tree = database.create_container_if_not_exists("tree", PartitionKey(["/t", "/u"], kind="MultiHash"))
    for identity, (first, second) in {"1": "ax", "2": "ay", "3": "by"}.items():
        tree.upsert_item({"id": identity, "t": first, "u": second})
    seen["prefix"] = [item["id"] for item in tree.query_items("SELECT * FROM c", partition_key=["a"])]
    container.delete_item("1", "a")
    container.delete_all_items_by_partition_key("a")
    seen["left"] = sorted(item["id"] for item in container.read_all_items())
    client.delete_database("python")
    print(json.dumps(seen))


main(*sys.argv[1:3])
