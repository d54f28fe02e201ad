package view

import "net/url"

// NewPassword is the view of a one-time link. It posts password to Action.
type NewPassword struct {
	Action string
	Email  string
	Error  string
	Remedy string
	Errors map[string]string // by field: password
}

// hostOf is the name of a server in an address.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
