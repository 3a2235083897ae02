package schema

// Define lets tests see that a table which contradicts itself stops the program.
var Define = define
