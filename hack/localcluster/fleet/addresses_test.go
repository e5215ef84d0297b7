package fleet

import "testing"

func TestAddressesAreGivenOnce(t *testing.T) {
	a := newAddresses()
	a.keep("old", "10.64.0.2")
	first, second := a.of("first"), a.of("second")
	if first != "10.64.0.1" || second != "10.64.0.3" {
		t.Errorf("got %s and %s", first, second)
	}
	if a.of("first") != first || a.of("old") != "10.64.0.2" {
		t.Error("an address changed")
	}
	a.release("old")
	if _, taken := a.taken["10.64.0.2"]; taken {
		t.Error("a released address is taken")
	}
}

func TestNodesHaveAddressesOfTheirOwn(t *testing.T) {
	seen := map[string]int{}
	for number := 1; number <= 5000; number++ {
		ip := nodeAddress(number)
		if other, ok := seen[ip]; ok {
			t.Fatalf("nodes %d and %d share %s", other, number, ip)
		}
		seen[ip] = number
	}
}
