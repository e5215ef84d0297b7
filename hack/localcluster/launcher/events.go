package launcher

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
)

// Event is what a supervisor tells whoever waits for its cluster.
type Event struct {
	Text   string `json:"text,omitempty"`   // a line of progress
	Ready  bool   `json:"ready,omitempty"`  // all of it is up: the last event
	Failed string `json:"failed,omitempty"` // why it did not come up: the last event
}

// eventSink takes events. It must not hold the supervisor up.
type eventSink func(Event)

// eventPipe writes events for another process, one JSON object a line. That
// process may be gone, which is no reason to stop.
func eventPipe(w io.Writer) eventSink {
	encoder := json.NewEncoder(w)
	return func(e Event) { encoder.Encode(e) }
}

// readEvents passes events on until the last one. The error is what became of
// the cluster, nil for ready.
func readEvents(r io.Reader, sink eventSink) error {
	decoder := json.NewDecoder(r)
	for {
		var e Event
		if err := decoder.Decode(&e); err != nil {
			return errors.New("the supervisor ended without a word")
		}
		sink(e)
		if e.Failed != "" {
			return errors.New(e.Failed)
		}
		if e.Ready {
			return nil
		}
	}
}

const (
	tailBytes  = 8000
	tailLines  = 15
	lineLength = 240 // some components log whole objects
)

// tail is the end of a log, as much of it as a person wants to see.
func tail(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	if end, _ := file.Seek(0, io.SeekEnd); end > tailBytes {
		file.Seek(-tailBytes, io.SeekEnd)
	} else {
		file.Seek(0, io.SeekStart)
	}
	data, _ := io.ReadAll(file)
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	lines = lines[max(0, len(lines)-tailLines):]
	for i, line := range lines {
		if len(line) > lineLength {
			lines[i] = line[:lineLength] + "..."
		}
	}
	return strings.Join(lines, "\n")
}
