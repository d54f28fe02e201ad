package network

import "github.com/ponte-desk/ponte/internal/fault"

// Registry holds the connectors of this program by network.
type Registry map[Name]Connector

// NewRegistry makes a registry of connectors.
func NewRegistry(cs ...Connector) Registry {
	r := Registry{}
	for _, c := range cs {
		r[c.Network()] = c
	}
	return r
}

// Get gives the connector of a network, or NotFound.
func (r Registry) Get(n Name) (Connector, error) {
	c, ok := r[n]
	if !ok {
		return nil, fault.New(fault.NotFound, "network.unknown").With("network", string(n))
	}
	return c, nil
}
