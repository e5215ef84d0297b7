package launcher

import (
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// newFlags are the flags that all commands have in common.
func newFlags(command, usage string, dir *string, out io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(dir, "dir", "", "folder of the cluster: its data, certificates, kubeconfigs and logs (required)")
	flags.Usage = func() {
		fmt.Fprintf(out, "usage: localcluster %s\n\n", usage)
		flags.PrintDefaults()
	}
	return flags
}

// complete makes the folder absolute and refuses what the flags left over.
func complete(flags *flag.FlagSet, dir *string) error {
	if flags.NArg() > 0 {
		return fmt.Errorf("do not know what to do with %q", flags.Args())
	}
	if *dir == "" {
		return fmt.Errorf("--dir is missing")
	}
	absolute, err := filepath.Abs(*dir)
	*dir = absolute
	return err
}

// upFlags is what `up` is told besides the Config.
type upFlags struct {
	config     Config
	foreground bool
}

func parseUp(args []string, out io.Writer) (upFlags, error) {
	u := upFlags{config: Config{FixedPorts: map[string]int{}, ExtraArgs: map[string][]string{}}}
	c := &u.config
	flags := newFlags("up", "up --dir DIR [flags]", &c.Dir, out)
	flags.StringVar(&c.Name, "name", "", "name of the cluster, shown in the kubeconfig (default: the folder's name)")
	flags.IntVar(&c.FleetNodes, "fleet-nodes", 0, "number of simulated nodes; 0 starts no fleet")
	flags.IntVar(&c.FleetZones, "fleet-zones", 1, "number of zones of the simulated nodes")
	flags.BoolVar(&u.foreground, "foreground", false, "supervise in this process; the cluster ends with it, or with its parent")
	flags.DurationVar(&c.Timeout, "timeout", 2*time.Minute, "how long all of it may take to become ready")
	flags.IntVar(&c.Owner, "owner", 0, "id of a process; the cluster ends when that process does")
	flags.Func("only", "comma-separated components to run, for example etcd,kube-apiserver (default: all)", func(text string) error {
		c.Only = strings.Split(text, ",")
		return nil
	})
	flags.Func("port", "fixed port as LISTENER=PORT, for example kube-apiserver=6443; may be given again (default: free ports)", func(text string) error {
		return addPort(c.FixedPorts, text)
	})
	flags.Func("arg", "more for a component's command line as COMPONENT=ARG, for example kube-scheduler=--v=4; may be given again", func(text string) error {
		return addArg(c.ExtraArgs, text)
	})
	flags.Func("apiserver-arg", "short for --arg kube-apiserver=ARG", func(text string) error {
		return addArg(c.ExtraArgs, apiServer+"="+text)
	})
	if err := flags.Parse(args); err != nil {
		return u, err
	}
	if err := complete(flags, &c.Dir); err != nil {
		return u, err
	}
	if c.Name == "" {
		c.Name = filepath.Base(c.Dir)
	}
	return u, c.validate()
}

func addPort(ports map[string]int, text string) error {
	name, number, _ := strings.Cut(text, "=")
	port, err := strconv.Atoi(number)
	if err != nil || port < 1 || port > 65535 {
		return fmt.Errorf("want LISTENER=PORT, got %q", text)
	}
	ports[name] = port
	return nil
}

func addArg(args map[string][]string, text string) error {
	component, arg, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("want COMPONENT=ARG, got %q", text)
	}
	args[component] = append(args[component], arg)
	return nil
}
