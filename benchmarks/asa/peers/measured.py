"""What one run of a peer took, as the benchmark's engines report it."""

import json
import os


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a process since its start."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_megabytes(pid: int) -> int:
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def lines_below(folder: str) -> int:
    """Rows of an output: lines of all files of rows below a folder, finished or not."""
    count = 0
    for directory, _, names in os.walk(folder):
        for name in names:
            if name.startswith("_") or name.endswith(".crc") or "_spark_metadata" in directory:
                continue
            with open(os.path.join(directory, name), "rb") as file:
                count += sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    return count


def report(pid: int, seconds: float, output: str) -> None:
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpuSeconds": cpu_seconds(pid),
                "rows": lines_below(output),
                "residentMegabytes": peak_megabytes(pid),
            }
        )
    )
