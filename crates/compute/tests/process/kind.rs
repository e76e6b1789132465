impl JobKind for Made {
    fn name(&self) -> &'static str { self.name }
    fn run(&self, task: &Task) -> Result<Value> { (self.run)(task) }
}
