package view

// MemberRow is one member in the list of the team.
type MemberRow struct {
	Name  string
	Email string
	Job   string
	Role  string // translated
	Href  string
	Self  bool
	Since string // "dal 2 marzo 2026"; for who left: "fino al ..."
}

// InvitationRow is an invitation that can still be accepted.
type InvitationRow struct {
	ID    string
	Email string
	Name  string
	Role  string // translated
	Until string
}

// RoleLine says what a role may do.
type RoleLine struct{ Name, May string }

// Team is the view of the team's page.
type Team struct {
	Members     []MemberRow
	Left        []MemberRow
	Invitations []InvitationRow
	Roles       []RoleLine
	Manage      bool // may invite
	Alone       bool // nobody else is there yet
	// The form for an invitation, as typed.
	Email   string
	Name    string
	Options []Option // roles
	Error   string
	Remedy  string
	Errors  map[string]string // by field: email, name, role
	// Link is that of the invitation just made, shown this once.
	Link    string
	Invited string
}

// Member is the view of one member. Its forms post to Action + "", "/link" and "/leave".
type Member struct {
	Action  string
	Name    string
	Email   string
	Job     string
	Role    string // translated
	RoleMay string
	Left    string // when they left; "" while they work here
	Self    bool
	Change  bool     // may change name and job
	Manage  bool     // may change the role, make a link, end the access
	Roles   []Option // for Manage
	Heirs   []Option // who could take over the work
	Leave   bool     // may end the access
	Error   string
	Remedy  string
	Errors  map[string]string // by field: name, job, role, heir
	Link    string            // to set a new password, shown this once
}
