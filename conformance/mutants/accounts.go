package mutants

// Account is what somebody logs in with: a password, or the token as a Bearer.
type Account struct {
	Name, Password, Token string
}

// User is alice, the account that a test gives to the judge.
func (s *Server) User() Account { return s.users[0].account() }

// Second is bob, who may read one of alice's collections and owns one that she cannot see.
func (s *Server) Second() Account { return s.users[1].account() }

func (u *user) account() Account { return Account{u.name, u.password, u.token} }

// Collections are the ids of the collections of the first API root, named by alice's rights.
// The second API root has no collections.
type Collections struct {
	ReadWrite string // empty at first, and has the alias in ReadWriteAlias
	ReadOnly  string // seeded with objects; bob may read it too; has the alias in ReadOnlyAlias
	WriteOnly string
	None      string // described to her with both flags false
	Empty     string // hers to read only, so that it stays empty
	Hidden    string // unknown to her; bob may read and write it

	ReadWriteAlias, ReadOnlyAlias string
}

// Collections returns the ids of the collections, which are the same in every server.
func (s *Server) Collections() Collections {
	return Collections{
		ReadWrite: "91a7b528-80eb-42ed-a74d-c6fbd5a26116",
		ReadOnly:  "52892447-4d7e-4f70-b94d-d7f22742ff63",
		WriteOnly: "e20ac3a4-6d0f-4b2c-8b55-0d2b9f6f3c11",
		None:      "1f3a7d60-2c84-4f0e-9a65-7b1a40c2d9e8",
		Empty:     "c3b1d2f4-55aa-4c1e-8d37-9e6f20415b72",
		Hidden:    "64993447-4d7e-4f70-b94d-d7f33742ee63",

		ReadWriteAlias: "exchange",
		ReadOnlyAlias:  "reports",
	}
}

// testUsers are alice and bob. Their passwords guard nothing but test data.
func testUsers() []*user {
	return []*user{
		{"alice", "correct-horse-7", "tok-alice-4f1d0c9be2"},
		{"bob", "battery-staple-9", "tok-bob-77a2e90c13"},
	}
}

// testRoots makes the API roots. The collections are not in the order of their ids, so that
// sorting them is something to forget.
func testRoots(b behaviour) []*apiRoot {
	ids := new(Server).Collections()
	alice, both := []string{"alice"}, []string{"alice", "bob"}
	bob := []string{"bob"}
	readOnly := &collection{
		id: ids.ReadOnly, alias: ids.ReadOnlyAlias, title: "Reports",
		description: "Read only, and full from the start.",
		known:       both, readers: both,
	}
	hidden := &collection{
		id: ids.Hidden, title: "Back room", description: "Bob's alone.",
		known: bob, readers: bob, writers: bob,
	}
	seed(&b, readOnly)
	seedHidden(&b, hidden)
	return []*apiRoot{
		{name: "api1", title: "Sharing", description: "Where everything is.", collections: []*collection{
			{
				id: ids.ReadWrite, alias: ids.ReadWriteAlias, title: "Exchange",
				description: "Read and write.", known: alice, readers: alice, writers: alice,
			},
			readOnly,
			{
				id: ids.WriteOnly, title: "Letter box", description: "Write only.",
				known: alice, writers: alice,
			},
			{
				id: ids.None, title: "Show window", description: "Neither read nor write.",
				known: alice,
			},
			{
				id: ids.Empty, title: "Nothing yet", description: "Read only, and empty.",
				known: alice, readers: alice,
			},
			hidden,
		}},
		{name: "api2", title: "Annex", description: "It has no collections."},
	}
}
