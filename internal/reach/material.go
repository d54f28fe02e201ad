package reach

import (
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

// Us is the company in the log of a Material: all of its channels together.
const Us tie.Person = 0

// Material is everything that is known of who is tied to whom round a company, at one moment. The same material gives the same
// portrait.
type Material struct {
	Company team.CompanyID
	Zone    *time.Location
	// Now is the moment: nothing in it was done, or learned, later.
	Now time.Time
	// Log is who did what towards whom. Its people are the numbers of Actors, its names their ids; its kinds are those of
	// network.ItemKind ("reply", "share", "follow" ...) and "named" for people named in somebody else's words. Somebody who shares
	// something is the actor, who wrote it the target. Of who follows whom it is known since when only where the network told:
	// else At is 0, which is unknown.
	Log *tie.Log
	// Actors by person of the log; Actors[Us] is the company.
	Actors []Actor
	// Words are what people wrote in public, by person of the log: folded words that carry meaning, tags with their #, as often as
	// they were written, newest last. Of those whom nobody in the house knows there are none.
	Words [][]string
	// Involved are those whom the company asked or thanked for something, as the log's people.
	Involved []tie.Involvement
	// Held are those who are held back from advice, so that what the advice is worth can be told.
	Held []tie.Person
	// Lists tells of how many people the lists of who follows them were read, and of how many they could be.
	Lists, Listable int
}

// Actor is somebody round the company. People who have several accounts are one.
type Actor struct {
	ID      ActorID // of their first account
	Person  audience.PersonID
	Network network.Name // of their first account
	Name    string       // empty when nobody in the house knows them: then there is no more than a keyed hash
	Handle  string
	Bot     bool
	Knows   bool      // has ever had to do with the company, or follows it
	Reached time.Time // when that was first; zero: never
	Follows bool      // follows one of the company's channels
	// Followers is how many follow them, as the network tells it; 0: not told.
	Followers int
	IDs       []ActorID // of all their accounts
}

// Carry are the kinds of the log by which something is handed on, from its target to its actor: all but naming somebody and writing
// to somebody alone.
func (m *Material) Carry() []tie.Kind {
	var out []tie.Kind
	for k, name := range m.Log.Kinds {
		if k > 0 && name != named && name != string(network.KindMessage) {
			out = append(out, tie.Kind(k))
		}
	}
	return out
}

// Ahead is for how long advice looks ahead.
const Ahead = 30 * 24 * time.Hour

// Known tells whether the house knows who it is.
func (a Actor) Known() bool { return a.Person != "" }

// byActor gives the people of the log by their accounts; the empty one is the company.
func (m *Material) byActor() map[ActorID]tie.Person {
	out := map[ActorID]tie.Person{"": Us}
	for p, a := range m.Actors {
		for _, id := range a.IDs {
			out[id] = tie.Person(p)
		}
	}
	return out
}

// PersonOf gives the person of the log who is a person of the audience.
func (m *Material) PersonOf(p audience.PersonID) (tie.Person, bool) {
	for i := range m.Actors {
		if p != "" && m.Actors[i].Person == p {
			return tie.Person(i), true
		}
	}
	return 0, false
}
