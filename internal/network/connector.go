package network

import (
	"context"
	"io"
	"time"
)

// Name is a kind of network. It is stored in the database.
type Name string

// The networks Ponte speaks.
const (
	Mastodon Name = "mastodon" // Mastodon and every server that speaks its client API
	Bluesky  Name = "bluesky"  // AT Protocol with the app.bsky lexicons
	Site     Name = "site"     // the company's own web site: its feed, or WordPress
)

// Connector speaks one network. It is a value without state of its own: what belongs to an account lives in
// Credentials, what belongs to reading lives in an opaque cursor, and the room network keeps both.
// All methods are safe for use by several goroutines. Every error is a *Problem.
type Connector interface {
	// Network names what this connector speaks.
	Network() Name

	// Discover looks, without any account, at what answers at an address a person typed
	// ("mastodon.example", "https://pds.example", "alice.bsky.social", "@alice@mastodon.example").
	// An address where no such server answers gives a Problem that says what was found instead.
	Discover(ctx context.Context, address string) (Server, error)

	// Register makes Ponte known to the server as an application, for servers with Join == JoinOAuth.
	Register(ctx context.Context, s Server, redirectURI string) (App, error)

	// AuthorizeURL is where the person's browser goes to say yes. challenge is the S256 PKCE challenge (RFC 7636).
	AuthorizeURL(a App, redirectURI, state, challenge string) string

	// Exchange turns the code that came back into credentials (RFC 6749 section 4.1.3).
	Exchange(ctx context.Context, a App, redirectURI, code, verifier string) (Credentials, error)

	// Login turns a name and an app password into credentials, for servers with Join == JoinAppPassword. On a server that
	// is Open both may be empty: then what everybody may read is read.
	Login(ctx context.Context, s Server, identifier, password string) (Credentials, error)

	// Open gives a client that acts as an account. It makes no call.
	// save is called, before the new credentials are used, each time the server renews them; when it fails the call
	// that caused it fails with its error. save never receives credentials without an access token.
	Open(c Credentials, save func(context.Context, Credentials) error) Client
}

// Client acts as one account on one network.
type Client interface {
	// Probe asks, without changing anything, who we are there and what we may do.
	Probe(ctx context.Context) (Account, error)

	// Limits reads what the server allows now. Connectors fill what the server does not tell from its documentation.
	Limits(ctx context.Context) (Limits, error)

	// Fetch reads the next page: what came after cursor, and, while there is any, older history. The empty
	// cursor starts. The page's cursor is good for ever, also after a crash: the room stores items and cursor in
	// one transaction. Items may repeat between pages and inside one; the room folds them by RemoteID and Version.
	Fetch(ctx context.Context, cursor string) (Page, error)

	// Refresh reads items again by their remote ids (at most 50), so that edits and deletions are noticed.
	// What the server says is gone comes back with Deleted set; what it does not say anything about is left out.
	Refresh(ctx context.Context, remoteIDs []string) ([]Item, error)

	// Thread reads the conversation around an item as far as the server shows it: ancestors first, then the
	// item, then what answers it, at most 200 items.
	Thread(ctx context.Context, remoteID string) ([]Item, error)

	// Listen keeps a stream open where the network offers one and rings whenever something may have happened.
	// A bell carries no content: the room reads again. It returns when ctx ends or the stream breaks.
	// Networks without streams return a Problem with Verdict Never at once (see Traits.Stream).
	Listen(ctx context.Context, ring func(Bell)) error

	// Publish makes exactly one attempt to bring out a message and never repeats a mutation by itself
	// (uploading media again is no mutation). When the outcome is unknown the Problem has Uncertain set.
	Publish(ctx context.Context, m Outgoing) (Receipt, error)

	// Find looks for an earlier Publish of the same Outgoing by reading back.
	Find(ctx context.Context, m Outgoing) (Receipt, Presence, error)

	// Counts reads what posts have brought so far (at most MostCounts). What the server says is gone comes back with
	// Gone set; what it does not say anything about is left out.
	Counts(ctx context.Context, remoteIDs []string) ([]Counts, error)

	// People reads a page of a list of accounts that the network shows to everybody. Accounts may repeat between pages. Lists that
	// the network does not have (see Traits.Lists) give a Problem with Verdict Never at once; one that is hidden, or of
	// something that is gone, is an empty page with Hidden set.
	People(ctx context.Context, of ListOf) (PeoplePage, error)

	// Edit puts the text, the warning, the language and the media of m in the place of what stands at remoteID, in one
	// attempt like Publish; where it stands and who may read it stay as they are. The same edit again changes nothing,
	// so one whose outcome is unknown may be repeated. Networks where readers would not see the change return a
	// Problem with Verdict Never at once (see Traits.Edit).
	Edit(ctx context.Context, remoteID string, m Outgoing) (Receipt, error)

	// Delete takes back something we published. Deleting what is gone already is no error.
	Delete(ctx context.Context, remoteID string) error

	// Moderate says what becomes of something that another person left with us. The same again changes nothing, so one
	// whose outcome is unknown may be repeated. Networks where that is not ours to say return a Problem with Verdict
	// Never at once (see Traits.Moderate).
	Moderate(ctx context.Context, remoteID string, s Standing) error

	// Measure counts a text as this network counts it. It makes no call.
	Measure(text string, l Limits) Length

	// Address gives the text that must stand at the start of a reply so that the network tells the people meant
	// ("@ada@example.org "), or "" where the reply itself does so. self is our own account.
	Address(to Item, self Account) string

	// Traits tells what this client can do. It makes no call.
	Traits() Traits
}

// Join is the way a company connects an account.
type Join string

// The ways to join.
const (
	JoinOAuth       Join = "oauth"
	JoinAppPassword Join = "app_password"
	JoinOpen        Join = "open" // nothing is needed: what everybody may read is read
)

// Server is what answered at an address.
type Server struct {
	Network  Name
	URL      string // scheme and host without a slash at the end, for example "https://mastodon.example"
	Title    string // what the server calls itself
	Software string // "mastodon", "gotosocial", "bluesky-pds" ...
	Version  string
	Join     Join
	Handle   string // the account, when the address named one, else ""
	Open     bool   // can also be connected without an account; Login takes an empty name and password then
}

// App is Ponte as the server knows it. Secret is sealed at rest.
type App struct {
	Network      Name
	ServerURL    string
	ClientID     string
	ClientSecret string
	Scopes       []string // what was asked for
}

// Credentials are what is needed to act as an account. All of it is sealed at rest.
type Credentials struct {
	ServerURL    string
	AccessToken  string
	RefreshToken string            // "" where tokens live for ever
	Expires      time.Time         // of the access token; zero: never or not told
	Scopes       []string          // what was granted, as far as told
	Extra        map[string]string // what else the connector needs: a DID, the PDS address, the app's id
}

// Account is who we are on a network.
type Account struct {
	RemoteID  string // stable: an account id or a DID
	Handle    string // as written there: "ponte@mastodon.example", "ponte.bsky.social"
	Name      string
	URL       string
	AvatarURL string
	Scopes    []string  // truly granted, as the server tells; nil when it does not tell
	Expires   time.Time // when a person must connect again; zero: not foreseen
	Locked    bool      // followers must be let in by hand
	// DefaultVisibility is what the account uses when nothing is said; "" when not told.
	DefaultVisibility Visibility
}

// Traits says what a client can do.
type Traits struct {
	Stream  bool
	Reply   bool
	Private bool // can answer private messages
	Edit    bool
	Delete  bool
	Media   []MediaKind
	AltText bool
	Safe    Safety
	Lists   []ListKind // that People reads
	// ReadOnly: nothing can be published there at all.
	ReadOnly bool
	Moderate bool // we say what becomes of what other people left there
}

// Safety is how a second attempt at a mutation is kept from making a double.
type Safety string

// The ways a send is made safe.
const (
	// SafeByClientID: we choose the record's key; sending the same again cannot make a second one.
	SafeByClientID Safety = "client_id"
	// SafeByReadBack: only reading back tells. Absent twice, long after the last attempt, is as sure as it gets; before
	// that a person may decide on sending again.
	SafeByReadBack Safety = "read_back"
	// SafeByKey: the server is known to honour an idempotency key for an hour.
	SafeByKey Safety = "idempotency_key"
)

// Limits are what a server allows.
type Limits struct {
	Characters int // in the network's own count; see Client.Measure
	Bytes      int // 0: no limit in bytes
	LinkLength int // what a link counts; 0: as long as it is
	Attach     int // number of media
	ImageBytes int64
	VideoBytes int64 // 0: no films
	MIMETypes  []string
	AltText    int // characters of a description
	// What follows is 0 where no limit is known.
	AudioBytes   int64
	ImagePixels  int64 // width times height
	VideoPixels  int64 // of one picture of a film
	VideoFrames  int   // in a second
	VideoSeconds int
}

// Length is how long a text is as a network counts.
type Length struct {
	Used, Max           int
	UsedBytes, MaxBytes int // MaxBytes 0: bytes do not matter
}

// Fits tells whether the text may go out as it is.
func (l Length) Fits() bool {
	return l.Used <= l.Max && (l.MaxBytes == 0 || l.UsedBytes <= l.MaxBytes)
}

// ItemKind is what a person did. It is stored in the database.
type ItemKind string

// The kinds of items.
const (
	KindReply   ItemKind = "reply"   // answers something of ours or in a thread of ours
	KindMention ItemKind = "mention" // names us
	KindMessage ItemKind = "message" // private
	KindComment ItemKind = "comment"
	KindReview  ItemKind = "review"
	KindQuote   ItemKind = "quote"  // shows something of ours with words of their own
	KindPost    ItemKind = "post"   // a post that starts a thread (ours, or one around a reply)
	KindLike    ItemKind = "like"   // no words of their own
	KindShare   ItemKind = "share"  // no words of their own
	KindFollow  ItemKind = "follow" // no words of their own
)

// Speaks tells whether items of this kind carry words that can be answered.
func (k ItemKind) Speaks() bool { return k != KindLike && k != KindShare && k != KindFollow }

// Visibility is who may read something. It is stored in the database.
type Visibility string

// The visibilities, from widest to narrowest.
const (
	Public    Visibility = "public"
	Unlisted  Visibility = "unlisted"
	Followers Visibility = "followers"
	Direct    Visibility = "direct"
)

// Private tells whether only the people named may read it.
func (v Visibility) Private() bool { return v == Direct }

// Narrower tells whether v is read by fewer people than w.
func (v Visibility) Narrower(w Visibility) bool { return width(v) < width(w) }

func width(v Visibility) int {
	switch v {
	case Direct:
		return 0
	case Followers:
		return 1
	case Unlisted:
		return 2
	default:
		return 3
	}
}

// Standing is what became of something that a person left with us, where we have the say. It is stored in the database.
type Standing string

// The standings. "" is what stands for everybody to read, where nothing is told.
const (
	Approved Standing = "approved" // stands for everybody to read
	Held     Standing = "held"     // waits for our yes
	Spam     Standing = "spam"
	Trashed  Standing = "trash"
)

// MediaKind is what sort of file it is. It is stored in the database.
type MediaKind string

// The kinds of media.
const (
	Image MediaKind = "image"
	Video MediaKind = "video"
	Audio MediaKind = "audio"
	Other MediaKind = "other"
)

// Author is an account of a person outside, as an item shows it.
type Author struct {
	RemoteID  string
	Handle    string // with the server, without a leading @: "ada@example.org", "ada.bsky.social"
	Name      string
	URL       string
	AvatarURL string
	Bot       bool
}

// Media is a file that an item carries, on the network's server.
type Media struct {
	Kind       MediaKind
	URL        string
	PreviewURL string
	Alt        string
	Width      int
	Height     int
}

// Item is anything a person, or we ourselves, did on a network.
type Item struct {
	RemoteID string // stable on this channel's server; likes and follows get one from their parts
	Kind     ItemKind
	Mine     bool // done by the channel's own account
	Author   Author

	ParentID string // remote id of what it answers; for likes, shares and quotes: what it is about
	RootID   string // remote id of the thread's first item; "" when not known
	// ThreadKey joins items of one private conversation where the network has such a thing; else "".
	ThreadKey string

	Text       string // plain text, line breaks kept, never HTML
	HTML       string // as the network told, uncleaned; "" when the network has plain text
	Warning    string // content warning
	Language   string // BCP 47, as told
	Visibility Visibility
	Media      []Media
	Mentions   []Author // people named in it, RemoteID and Handle filled
	Stars      int      // 1 to 5 for reviews, else 0
	URL        string   // where a browser shows it

	At       time.Time // when it was done, as told; several may be equal
	EditedAt time.Time // zero: never
	Deleted  bool
	Version  string // differs whenever the content or the standing differs: a CID, the edit time, a hash
	Unread   bool
	Standing Standing // what became of it, where we have the say; else ""
}

// Page is one reading.
type Page struct {
	Items  []Item
	Cursor string
	More   bool // something more can be read at once
	Rate   Rate
	// Wait is how long to leave the place alone before the next reading, where it wants to be read rarely. 0: as usual.
	Wait time.Duration
	// Hub is what the place says of a hub that rings when something is new; nil: nothing was said.
	Hub *HubAd

	asked time.Time // when the reading began
}

// Rate is what the server told of its limits with the last answer.
type Rate struct {
	Remaining int       // requests left; -1: not told
	Reset     time.Time // when it is full again; zero: not told
}

// Bell says that something may have happened.
type Bell struct {
	RemoteIDs []string // items to read again, because they were edited or deleted; may be empty
}

// Outgoing is a message on its way out. The same Outgoing, with the same Key and PreparedAt, is given to every
// attempt and to Find.
type Outgoing struct {
	Key        string    // unique for ever; idempotency key, and what a client-chosen id is made of
	PreparedAt time.Time // when the intent was stored: the record's own time where we choose it
	Text       string
	ReplyTo    string // remote id; "" for a post of its own
	ReplyRoot  string // remote id of the thread's first item; "" when not known
	Visibility Visibility
	Warning    string
	Language   string
	Media      []Upload
	// Facets say what ranges of Text are, on networks that want to be told. When it is nil the connector looks for
	// links, mentions and tags by itself; when it is not, it takes these and no others.
	Facets []Facet
	// Card shows what a link leads to, on networks that make no card by themselves. Media leave no room for it.
	Card *Card
	// Article is what an article has beside its text, on networks that carry articles; nil elsewhere.
	Article *Article
}

// Article is a message as a web site carries it.
type Article struct {
	Title string
	HTML  string // in place of Text; "": Text, made into paragraphs
	Tags  []string
	// Category is the name of one; "": as the site does by itself.
	Category string
	Draft    bool // is put there for somebody to publish
	Page     bool // a page of the site and no article
}

// Upload is a file to attach.
type Upload struct {
	Name string
	MIME string
	Alt  string
	Size int64
	Open func() (io.ReadCloser, error)
	// Width and Height in pixels, 0 when not known.
	Width, Height int
	// FocusX and FocusY are the point that stays in sight when the picture is cropped, from -1 (left, bottom) to 1
	// (right, top); 0, 0 is the middle.
	FocusX, FocusY float64
	// Keep is told how the server calls the file once it has taken it, and for how long it surely remembers it though no message has it.
	// nil: nobody wants to know. Kept is what Keep was told in an earlier attempt of the same message: the file is not brought again. Where
	// that can be asked, Publish finds out by itself that the server no longer knows it, and brings it anew; elsewhere the server refuses the message.
	Keep func(ctx context.Context, handle string, life time.Duration)
	Kept string
	// RemoteID is for Edit: the file stands there already (see Receipt.Media) and stays, with this Alt and this focus.
	// Nothing of it is read then.
	RemoteID string
}

// DropKept has every file of a message brought anew.
func (m *Outgoing) DropKept() {
	for i := range m.Media {
		m.Media[i].Kept = ""
	}
	if m.Card != nil && m.Card.Image != nil {
		m.Card.Image.Kept = ""
	}
}

// Receipt proves that something stands on a network.
type Receipt struct {
	RemoteID string
	URL      string
	Version  string
	At       time.Time
	Media    []string // remote ids of the files, in order, where the network names them
}

// Presence is what reading back found.
type Presence string

// What reading back can find.
const (
	Present Presence = "present"
	Absent  Presence = "absent" // the server answered, and it is not there
	Unsure  Presence = "unsure" // the reading did not reach far enough back to tell
)
