package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const controlUsage = `usage: fleetctl --control PATH VERB

  state                          nodes by health, guests, rules
  nodes                          every node
  ready                          fails until all nodes are registered, Ready and free of taints
  add-nodes [--count N] [--zone Z] [--cpus N] [--memory Q] [--disk Q] [--resource NAME=AMOUNT]... [--cpu-manager]
  remove-node NODE               take a node out of the cluster
  partition NODE                 it runs on, but nobody hears of it
  power-off NODE                 it is off, and its guests with it
  kill-handler NODE              its virt-handler is dead; the kubelet reports
  resume NODE                    it is back
  crash NAMESPACE/NAME           the guest crashes
  guest-off NAMESPACE/NAME       the guest powers itself off
  write NAMESPACE/NAME TEXT      the guest writes that on the disk that it booted from
  disk NAMESPACE/NAME            what is on that disk: image, and what guests wrote
  claim-disk NAMESPACE/CLAIM     what is on the volume of a claim
  fault KIND [--match NAMESPACE/NAME] [--node N] [--image I] [--delay D] [--reason R] [--message M] [--times N]
  faults                         the rules in force
  clear [ID]                     drop a rule, or all

A * in a pattern stands for any characters. Kinds of faults: %s
`

// ControlCommand sends one request to a running fleet and prints the answer as JSON.
func ControlCommand(args []string) int {
	flags := flag.NewFlagSet("fleetctl", flag.ContinueOnError)
	path := flags.String("control", os.Getenv("FLEET_CONTROL"), "path of the fleet's control socket")
	flags.Usage = func() { fmt.Fprintf(os.Stderr, controlUsage, join(faultKinds)) }
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if *path == "" || flags.NArg() == 0 {
		flags.Usage()
		return 2
	}
	request, err := controlRequest(flags.Arg(0), flags.Args()[1:])
	if err == nil {
		err = send(*path, request)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fleetctl:", err)
		return 1
	}
	return 0
}

type controlCall struct {
	method, path string
	body         any
}

func controlRequest(verb string, args []string) (controlCall, error) {
	one := func(method, format string) (controlCall, error) {
		if len(args) != 1 {
			return controlCall{}, fmt.Errorf("%s wants one name", verb)
		}
		return controlCall{method: method, path: fmt.Sprintf(format, args[0])}, nil
	}
	switch verb {
	case "state", "nodes", "faults", "ready":
		return controlCall{method: http.MethodGet, path: "/" + verb}, nil
	case "add-nodes":
		body, err := newNodesFrom(args)
		return controlCall{http.MethodPost, "/nodes", body}, err
	case "remove-node":
		return one(http.MethodDelete, "/nodes/%s")
	case "partition", "power-off", "kill-handler", "resume":
		return one(http.MethodPost, "/nodes/%s/"+verb)
	case "crash":
		return one(http.MethodPost, "/guests/%s/crash")
	case "guest-off":
		return one(http.MethodPost, "/guests/%s/power-off")
	case "disk":
		return one(http.MethodGet, "/guests/%s/disk")
	case "claim-disk":
		return one(http.MethodGet, "/claims/%s/disk")
	case "write":
		if len(args) != 2 {
			return controlCall{}, errors.New("write wants a guest and a text")
		}
		return controlCall{method: http.MethodPost, path: "/guests/" + args[0] + "/disk?write=" + url.QueryEscape(args[1])}, nil
	case "fault":
		body, err := faultFrom(args)
		return controlCall{http.MethodPost, "/faults", body}, err
	case "clear":
		return controlCall{method: http.MethodDelete, path: strings.Join(append([]string{"/faults"}, args...), "/")}, nil
	}
	return controlCall{}, fmt.Errorf("no verb %q", verb)
}

func newNodesFrom(args []string) (newNodes, error) {
	n := newNodes{Resources: corev1.ResourceList{}}
	flags := flag.NewFlagSet("add-nodes", flag.ContinueOnError)
	flags.IntVar(&n.Count, "count", 1, "how many")
	flags.StringVar(&n.Zone, "zone", "", "their zone")
	flags.Int64Var(&n.CPUs, "cpus", 0, "their CPUs")
	flags.StringVar(&n.Memory, "memory", "", "their memory")
	flags.StringVar(&n.Disk, "disk", "", "their local disk")
	flags.BoolVar(&n.CPUManager, "cpu-manager", false, "they give guests CPUs of their own")
	flags.Func("resource", "what else they have, such as example.com/gpu=2 or hugepages-1Gi=8Gi; may be given again", func(text string) error {
		name, amount, _ := strings.Cut(text, "=")
		q, err := resource.ParseQuantity(amount)
		n.Resources[corev1.ResourceName(name)] = q
		return err
	})
	return n, flags.Parse(args)
}

func faultFrom(args []string) (fault, error) {
	if len(args) == 0 {
		return fault{}, fmt.Errorf("fault wants a kind: %s", join(faultKinds))
	}
	f := fault{Kind: faultKind(args[0])}
	flags := flag.NewFlagSet("fault", flag.ContinueOnError)
	flags.StringVar(&f.Match, "match", "", "namespace/name pattern")
	flags.StringVar(&f.Node, "node", "", "node pattern")
	flags.StringVar(&f.Image, "image", "", "image pattern")
	flags.StringVar(&f.Reason, "reason", "", "reason that is reported")
	flags.StringVar(&f.Message, "message", "", "message that is reported")
	flags.TextVar(&f.Delay, "delay", duration(0), "delay, as 5s")
	flags.IntVar(&f.Times, "times", 0, "how often it applies; 0 is always")
	return f, flags.Parse(args[1:])
}

func send(socket string, call controlCall) error {
	var body bytes.Buffer
	if call.body != nil {
		if err := json.NewEncoder(&body).Encode(call.body); err != nil {
			return err
		}
	}
	request, err := http.NewRequest(call.method, "http://fleet"+call.path, &body)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(strings.TrimSpace(string(text)))
	}
	return printIndented(text)
}

func printIndented(text []byte) error {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, text, "", "  "); err != nil {
		return err
	}
	_, err := pretty.WriteTo(os.Stdout)
	return err
}

func join(kinds []faultKind) string {
	all := make([]string, len(kinds))
	for i, k := range kinds {
		all[i] = string(k)
	}
	return strings.Join(all, " ")
}
