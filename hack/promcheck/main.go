// promcheck reads alerting rules, or a page of metrics, with the packages that promtool reads them with.
//
//	promcheck rules < rules.yaml
//	promcheck metrics < page
//
// Each problem is a line; with any it ends with 1.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/prometheus/model/rulefmt"
)

func main() {
	what := ""
	if len(os.Args) == 2 {
		what = os.Args[1]
	}
	check, ok := map[string]func(io.Reader) ([]string, error){"rules": rules, "metrics": metrics}[what]
	if !ok {
		fmt.Fprintln(os.Stderr, "say one of: rules, metrics")
		os.Exit(2)
	}
	problems, err := check(os.Stdin)
	if err != nil {
		problems = append(problems, err.Error())
	}
	for _, problem := range problems {
		fmt.Println(problem)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
}

func rules(in io.Reader) ([]string, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	groups, errs := rulefmt.Parse(text, false)
	problems := []string{}
	for _, err := range errs {
		problems = append(problems, err.Error())
	}
	count := 0
	if groups != nil {
		for _, group := range groups.Groups {
			count += len(group.Rules)
		}
	}
	if count == 0 {
		problems = append(problems, "there are no rules")
	}
	return problems, nil
}

func metrics(in io.Reader) ([]string, error) {
	found, err := promlint.New(in).Lint()
	if err != nil {
		return nil, err
	}
	problems := []string{}
	for _, problem := range found {
		problems = append(problems, problem.Metric+": "+problem.Text)
	}
	return problems, nil
}
