export const KIND = 'v0.33.0';
export const KUBERNETES = 'v1.33.13';
export const KUBEVIRT = 'v1.7.0';
export const CNI_PLUGINS = 'v1.9.1';
/** What kubeadm asks for beside Kubernetes; here only the tags matter. */
export const ETCD_TAG = '3.5.24-0';
export const PAUSE_TAG = '3.10';
