#!/bin/bash
# A cluster of one node, without systemd, in a folder of its own: `cluster.sh start DIR PORT`, `cluster.sh stop DIR`.
# Needs root, and Debian's packages slurm-wlm and munge. Prints the configuration's path, for SLURM_CONF.
set -euo pipefail

folder=$2
host=$(hostname -s)
conf=$folder/slurm.conf

stop() {
    for pid in "$folder"/run/slurmd.pid "$folder"/run/slurmctld.pid "$folder"/munge/munged.pid; do
        if [ -s "$pid" ]; then kill "$(cat "$pid")" 2>/dev/null || true; fi
    done
}

if [ "$1" = stop ]; then
    stop
    exit 0
fi
port=$3
# munge wants every folder above its key to be closed to writing, and open to passing through.
mkdir -p "$folder"/{munge,run,state,spool,log}
chmod 0755 "$folder" "$folder/munge"
head -c 1024 /dev/urandom > "$folder/munge/key"
chown -R munge:munge "$folder/munge"
chmod 0400 "$folder/munge/key"
runuser -u munge -- munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
    --pid-file="$folder/munge/munged.pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"
cat > "$conf" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge/socket
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd.pid
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldLogFile=$folder/log/slurmctld
SlurmdLogFile=$folder/log/slurmd
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
# Starts what waits as soon as it may.
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MinJobAge=300
KillWait=5
# Smaller than some passes, so that they take several arrays.
MaxArraySize=11
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=1000 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF=$conf
slurmctld -c -f "$conf"
slurmd -c -f "$conf"
for _ in $(seq 120); do
    if sinfo -h -o %T 2>/dev/null | grep -qx idle; then
        echo "$conf"
        exit 0
    fi
    sleep 0.25
done
tail -n 30 "$folder"/log/* >&2
stop
exit 1
