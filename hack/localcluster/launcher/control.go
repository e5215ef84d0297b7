package launcher

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// The supervisor's requests, over a unix socket that only its owner can open.
const (
	pathStatus  = "/status"
	pathRestart = "/restart"
)

var signals = map[string]syscall.Signal{"KILL": syscall.SIGKILL, "TERM": syscall.SIGTERM}

func serveControl(s *supervisor) (io.Closer, error) {
	os.Remove(s.layout.Socket()) // of one that was killed; the lock is ours
	listener, err := net.Listen("unix", s.layout.Socket())
	if err != nil {
		return nil, err
	}
	os.Chmod(s.layout.Socket(), 0o600)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pathStatus, func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(s.examine(r.Context()))
	})
	mux.HandleFunc("POST "+pathRestart, func(w http.ResponseWriter, r *http.Request) {
		if err := s.restart(r.URL.Query()); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	server := &http.Server{Handler: mux}
	go server.Serve(listener)
	return server, nil
}

func (s *supervisor) restart(query url.Values) error {
	p := s.process(query.Get("component"))
	if p == nil {
		return fmt.Errorf("this cluster has no component %q", query.Get("component"))
	}
	signal, ok := signals[query.Get("signal")]
	if !ok {
		return fmt.Errorf("the signal is KILL or TERM, not %q", query.Get("signal"))
	}
	downFor, err := time.ParseDuration(query.Get("downFor"))
	if err != nil {
		return err
	}
	return p.kill(signal, downFor)
}

// controlClient talks to the supervisor of a cluster.
type controlClient struct{ http *http.Client }

func newControlClient(l Layout) *controlClient {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", l.Socket())
	}
	return &controlClient{&http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: 2 * probeTimeout}}
}

func (c *controlClient) status() (Status, error) {
	var status Status
	response, err := c.http.Get("http://localcluster" + pathStatus)
	if err != nil {
		return status, err
	}
	defer response.Body.Close()
	return status, json.NewDecoder(response.Body).Decode(&status)
}

func (c *controlClient) restart(component, signal string, downFor time.Duration) error {
	query := url.Values{"component": {component}, "signal": {signal}, "downFor": {downFor.String()}}
	response, err := c.http.Post("http://localcluster"+pathRestart+"?"+query.Encode(), "", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", strings.TrimSpace(string(body)))
	}
	return nil
}
