// Package component holds the programs that this one binary can be. Each is
// the genuine program: its own main function, run with its own flags.
package component

import "os"

// Main is a program's main function. It reads os.Args and may end the process
// itself; otherwise its result is the exit code.
type Main func() int

var mains = map[string]Main{
	"etcd":                    etcd,
	"kube-apiserver":          kubeAPIServer,
	"kube-controller-manager": kubeControllerManager,
	"kube-scheduler":          kubeScheduler,
	"kubectl":                 kubectl,
	"virt-controller":         virtController,
}

// Lookup finds a component by the name it is called by.
func Lookup(name string) (Main, bool) {
	main, ok := mains[name]
	return main, ok
}

// Become makes this process look as if it had been started as name with args,
// because every component reads os.Args for itself. It must be called before
// anything has parsed a flag.
func Become(name string, args []string) {
	os.Args = append([]string{name}, args...)
}
