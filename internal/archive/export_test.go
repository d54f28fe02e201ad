package archive

import (
	"context"

	"github.com/ponte-desk/ponte/internal/network"
)

// Read gives the report of an export and hands on what it would bring in.
func Read(ctx context.Context, paths []string, o Options, emit func(network.Item) error) (Report, error) {
	src, form, o, err := prepare(ctx, paths, o)
	if err != nil {
		return Report{}, err
	}
	return run(ctx, src, form, o, emit)
}
