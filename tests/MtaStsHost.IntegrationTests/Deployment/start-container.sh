#!/usr/bin/env bash
# start-container.sh ROOT USER FOLDER [SOURCE:TARGET[:OPTION,…] …] -- [NAME=VALUE …] -- PROGRAM [ARGUMENT …]
# Becomes PROGRAM in an unpacked image, as a container engine starts it under docker-compose.yml: the root file system read-only, the
# image's user without any capability and without a way to new ones, this environment and no other. To be called in a mount
# namespace of its own.
set -euo pipefail
root=$1 user=$2 folder=$3
shift 3

ip link set lo up
# A layer of its own, as an engine gives each container: the folders that one mounts must not be there for the next.
layer=$root.layer
mkdir -p "$layer"
mount -t tmpfs layer "$layer"
mkdir "$layer/upper" "$layer/work" "$layer/root"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$layer/upper,workdir=$layer/work" "$layer/root"
root=$layer/root
mount --bind /proc "$root/proc"
mount --rbind /dev "$root/dev"
[ -e "$root/etc/hosts" ] || : >"$root/etc/hosts"
mount --bind /etc/hosts "$root/etc/hosts" # the engine's, which has localhost
while [ "$1" != -- ]; do
    IFS=: read -r source target mode <<<"$1"
    [ -e "$root$target" ] || mkdir -p "$root$target" # as an engine does
    mount --bind "$source" "$root$target"
    [[ ",$mode," != *,ro,* ]] || mount -o remount,bind,ro "$root$target" # z is for SELinux
    shift
done
shift
mount -o remount,bind,ro "$root"

environment=()
while [ "$1" != -- ]; do
    environment+=("$1")
    shift
done
shift
exec env -i "${environment[@]}" "$(command -v setpriv)" --no-new-privs "$(command -v unshare)" --root="$root" --wd="$folder" --setgid "$user" --setuid "$user" "$@"
