#!/bin/bash
# What KubeVirt's script of this name asks of libvirt, always for emulation: a node may have a /dev/kvm that does not work.
set -e
into=/var/lib/kubevirt-node-labeller
kind=(--machine q35 --arch x86_64 --virttype qemu)
virtqemud -d
virsh domcapabilities "${kind[@]}" >$into/virsh_domcapabilities.xml
virsh hypervisor-cpu-baseline --features $into/virsh_domcapabilities.xml "${kind[@]}" >$into/supported_features.xml
virsh capabilities >$into/capabilities.xml
