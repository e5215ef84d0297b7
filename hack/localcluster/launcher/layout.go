package launcher

import (
	"os"
	"path/filepath"
)

// Layout names the files of one cluster. All of them live in its folder.
type Layout struct{ Dir string }

func (l Layout) path(parts ...string) string {
	return filepath.Join(append([]string{l.Dir}, parts...)...)
}

// Admin is the kubeconfig for whoever uses the cluster.
func (l Layout) Admin() string { return l.path("kubeconfig") }

// Kubeconfig is the kubeconfig of one component.
func (l Layout) Kubeconfig(component string) string { return l.path(component + ".kubeconfig") }

// PKI is the folder of the certificates and keys.
func (l Layout) PKI() string { return l.path("pki") }

// Cert and Key are the two files of one certificate.
func (l Layout) Cert(name string) string { return l.path("pki", name+".crt") }

// Key is the private key that belongs to Cert.
func (l Layout) Key(name string) string { return l.path("pki", name+".key") }

// Log is the log file of a component, or of the supervisor itself.
func (l Layout) Log(component string) string { return l.path("logs", component+".log") }

// Data is where etcd keeps the cluster's state.
func (l Layout) Data() string { return l.path("etcd") }

// Temp is the TMPDIR of the components, so that nothing of theirs stays behind.
func (l Layout) Temp() string { return l.path("tmp") }

// State is the JSON file that says what runs where.
func (l Layout) State() string { return l.path("state.json") }

// Socket is where the supervisor takes requests.
func (l Layout) Socket() string { return l.path("control.sock") }

// FleetSocket is where the fleet takes requests.
func (l Layout) FleetSocket() string { return l.path("fleet.sock") }

func (l Layout) lock() string { return l.path("lock") }

// create makes the folders; keys are in there, so they are for the owner only.
func (l Layout) create() error {
	for _, dir := range []string{l.Dir, l.PKI(), l.path("logs"), l.Temp()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	return nil
}

// clean removes what a cluster wrote, and nothing else that somebody may have
// put into the folder. The logs stay if keepLogs is set.
func (l Layout) clean(keepLogs bool) error {
	names := []string{"pki", "etcd", "tmp", "state.json", "control.sock", "fleet.sock", "kubeconfig"}
	if !keepLogs {
		names = append(names, "logs")
	}
	kubeconfigs, _ := filepath.Glob(l.path("*.kubeconfig"))
	for _, file := range kubeconfigs {
		names = append(names, filepath.Base(file))
	}
	for _, name := range names {
		if err := os.RemoveAll(l.path(name)); err != nil {
			return err
		}
	}
	return nil
}
