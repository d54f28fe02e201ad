package teamtest

import (
	"slices"
	"testing"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
)

// Case is one use case of a room: who may do it, and how it is tried.
type Case struct {
	Name string
	// Needs is the permission that the use case asks for; "" when it asks for something else, see Roles.
	Needs team.Permission
	// Roles are those who may; nil means every role that has the permission Needs.
	Roles []team.Role
	// NoToken is set for what people do in person only: a token is denied whatever its scopes.
	NoToken bool
	// Try calls the use case as an actor. Any error that is not Denied counts as allowed: the matrix tests rights,
	// other tests the rest. It is called many times on one bed and must bear that.
	Try func(t *testing.T, a team.Actor) error
}

// Matrix tries every case in every role, and with tokens: one that holds the right scope, one that holds every other
// scope, and one that holds none. It also tries an actor without a company and a role that does not exist.
func Matrix(t *testing.T, b *Bed, cases []Case) {
	t.Helper()
	for _, c := range cases {
		may := c.Roles
		if may == nil {
			for _, r := range team.Roles {
				if r.Can(c.Needs) {
					may = append(may, r)
				}
			}
		}
		check := func(who string, a team.Actor, want bool) {
			t.Helper()
			err := c.Try(t, a)
			if got := fault.KindOf(err) != fault.Denied; got != want {
				t.Errorf("%s by %s: allowed %v, want %v (%v)", c.Name, who, got, want, err)
			}
		}
		for _, r := range team.Roles {
			allowed := slices.Contains(may, r)
			// The ones who may not go first: a use case that changes something is then tried on the unchanged.
			check(string(r)+" without a company", team.Actor{Role: r, Via: team.ViaScreen}, false)
			check(string(r)+" with a token of no scope", b.Token(r), false)
			if c.Needs != "" {
				others := slices.DeleteFunc(slices.Clone(team.Permissions), func(p team.Permission) bool { return p == c.Needs })
				check(string(r)+" with a token of every other scope", b.Token(r, others...), false)
				check(string(r)+" with a token of the scope", b.Token(r, c.Needs), allowed && r.Can(c.Needs) && !c.NoToken)
			} else if c.NoToken {
				check(string(r)+" with a token of every scope", b.Token(r, team.Permissions...), false)
			}
			check(string(r), b.Actors[r], allowed)
		}
		if c.Needs != "" {
			check("a role that does not exist", team.Actor{Company: b.Company.ID, Role: "stranger", Via: team.ViaScreen}, false)
		}
	}
}
