"""Runs one workload as Flink SQL in streaming mode, JSON lines to JSON lines, in a JVM of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time

from measured import report
from py4j.java_gateway import GatewayParameters, JavaGateway

task = json.loads(sys.argv[1])
opened = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("lang", "net", "nio", "time", "util")]

with tempfile.TemporaryDirectory(prefix="flink-") as folder:
    output = os.path.join(folder, "output")
    with open(os.path.join(folder, "config.yaml"), "w", encoding="ascii") as file:
        file.write("taskmanager.numberOfTaskSlots: 1\n")
    jars = f"{task['flink']}/lib/*:{task['flink']}/opt/flink-python-{task['version']}.jar"
    server = "org.apache.flink.api.python.shaded.py4j.GatewayServer"
    jvm = subprocess.Popen(
        [task["java"], "-Xmx2g", f"-Djava.io.tmpdir={folder}", *opened, "-cp", jars, server, "--die-on-broken-pipe", "0"],
        env={**os.environ, "FLINK_CONF_DIR": folder},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
    )
    try:
        port = int(jvm.stdout.readline())
        api = JavaGateway(gateway_parameters=GatewayParameters(port=port)).jvm.org.apache.flink.table.api
        table = api.TableEnvironment.create(api.EnvironmentSettings.newInstance().inStreamingMode().build())
        for key, value in {
            "parallelism.default": "1",
            "pipeline.object-reuse": "true",
            "table.local-time-zone": "UTC",
        }.items():
            table.getConfig().set(key, value)

        def source(name: str, path: str, columns: str) -> str:
            return (
                f"CREATE TABLE {name} (deviceId STRING, eventTime TIMESTAMP_LTZ(3), {columns},"
                " WATERMARK FOR eventTime AS eventTime - INTERVAL '5' SECOND) WITH ('connector' = 'filesystem',"
                f" 'path' = 'file://{path}', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601')"
            )

        table.executeSql(source("t", task["telemetry"], "temperature DOUBLE"))
        table.executeSql(source("c", task["commands"], "command STRING, `value` BIGINT"))
        table.executeSql(
            f"CREATE TABLE o ({task['columns']}) WITH"
            f" ('connector' = 'filesystem', 'path' = 'file://{output}', 'format' = 'json')"
        )
        started = time.monotonic()
        result = table.executeSql(f"INSERT INTO o {task['sql']}")
        getattr(result, "await")()
        report(jvm.pid, time.monotonic() - started, output)
    finally:
        jvm.kill()
        jvm.wait()

# The references to the killed JVM would each try to say good-bye.
sys.stdout.flush()
os._exit(0)
