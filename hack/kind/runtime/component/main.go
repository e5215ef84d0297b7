// Command component, called by a link, becomes the component of that name out of the local cluster's one binary.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const binary = "/usr/local/bin/localcluster"

func main() {
	name := filepath.Base(os.Args[0])
	err := syscall.Exec(binary, append([]string{binary, name}, os.Args[1:]...), os.Environ())
	fmt.Fprintln(os.Stderr, binary+":", err)
	os.Exit(1)
}
