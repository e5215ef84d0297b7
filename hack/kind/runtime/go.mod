module berth.dev/kind/runtime

go 1.24.0
