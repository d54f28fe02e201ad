package post

import (
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/network"
)

// PartState is where a part stands. It is stored in the database.
type PartState string

// The states of a part.
const (
	PartWaiting     PartState = "waiting"     // for the part before it, or for its turn
	PartSending     PartState = "sending"     // with the room delivery
	PartSent        PartState = "sent"        // stands on the network
	PartUnconfirmed PartState = "unconfirmed" // nobody knows whether it arrived: it is being read back
	PartFailed      PartState = "failed"      // is not there and will not be tried again by itself
	PartGone        PartState = "gone"        // was taken down
)

// Part is one message of a variant on a network.
type Part struct {
	ID       PartID
	Post     ID
	Variant  VariantID
	Channel  network.ChannelID
	Number   int // from 0; those of a thread in order, then the first comment
	Content  Content
	State    PartState
	Delivery delivery.ID
	RemoteID string
	URL      string
	Version  string
	Trouble  *delivery.Trouble
	SentAt   time.Time
	EditedAt time.Time
	GoneAt   time.Time

	files []string // remote ids of its files, where the network names them
}
